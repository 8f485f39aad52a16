/** The modules that Nuxt's build gets from ours. They import what only that build can resolve. */

/** The text of each. */
export interface Templates {
  /** The plugin of Nuxt's server. */
  readonly plugin: string;
  /** The handler that tells the browser what pages may see. */
  readonly handler: string;
  /** The plugin of pages, which runs on the server. */
  readonly pagePlugin: string;
  readonly composable: string;
  readonly types: string;
}

/**
 * @param path of the module that exports `sessions`
 * @param keys what pages may see
 * @param shownAt where the browser asks for it
 */
export function templatesOf(path: string, keys: readonly string[], shownAt: string): Templates {
  const from = JSON.stringify(path);
  const shown = `const keys = ${JSON.stringify(keys)};
const shown = (session) =>
  Object.fromEntries(
    keys.map((key) => [key, session.get(key)]).filter(([, value]) => value !== undefined),
  );
`;
  return {
    plugin: `import { session } from "sojourn/nitro";
import { sessions } from ${from};

export default session(sessions);
`,
    handler: `import { defineEventHandler } from "h3";

${shown}
export default defineEventHandler((event) => shown(event.context.session));
`,
    pagePlugin: `// @ts-nocheck
import { defineNuxtPlugin, useRequestEvent, useState } from "#imports";

${shown}
export default defineNuxtPlugin(() => {
  const session = useRequestEvent()?.context.session;
  if (session && keys.length > 0) useState("sojourn", () => shown(session));
});
`,
    composable: `import { type Ref, useRequestFetch, useState } from "#imports";
import type { sessions } from ${from};

type Data = ReturnType<typeof sessions.getSession>;
type Shown = Pick<Data, Extract<keyof Data, ${keys.map((key) => JSON.stringify(key)).join(" | ") || "never"}>>;

/** What pages may see of the session. Call \`refresh\` when a handler has changed it. */
export function useSojourn(): { readonly session: Ref<Shown>; readonly refresh: () => Promise<void> } {
  const session = useState<Shown>("sojourn", () => ({}) as Shown);
  const fetch = useRequestFetch();
  return {
    session,
    async refresh() {
      session.value = (await fetch(${JSON.stringify(shownAt)})) as Shown;
    },
  };
}
`,
    types: `import "sojourn/h3";
import type { sessions } from ${from};

declare module "sojourn" {
  interface Register {
    session: typeof sessions;
  }
}
`,
  };
}
