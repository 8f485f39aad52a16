/** Runs the code of docs/operate/events.md as an application that has installed the package. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { requireBuilt, root } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { writePage } from "../setup/write-modules.ts";

const folder = join(root, "build/events-page");
let told = "";
let cookie = "";

beforeAll(async () => {
  requireBuilt();
  writePage("docs/operate/events.md", folder);
  writeFileSync(
    join(folder, "main.js"),
    `import "./audit.js";
    import { once } from "node:events";
    import { server } from "./server.js";
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = "http://127.0.0.1:" + server.address().port;
    const [setCookie] = (await fetch(url)).headers.getSetCookie();
    const cookie = setCookie.split(";")[0];
    for (const sent of [cookie, "__Host-session=forged"]) await fetch(url, { headers: { cookie: sent } });
    server.closeAllConnections();
    server.close();
    console.error(cookie);`,
  );
  const run = await runNode(["--no-warnings", join(folder, "main.js")], { cwd: folder });
  told = run.stdout;
  cookie = run.stderr.trim();
});

/** The events of each span, as they are printed. */
function spans(): readonly (readonly string[])[] {
  return told
    .split("resource: {")
    .slice(1)
    .map((span) =>
      [...span.matchAll(/name: '(session\.\w+)'|'session\.reason': '([\w-]+)'/g)]
        .map(([, name, reason]) => name ?? reason)
        .filter((word) => word !== undefined),
    );
}

it("the span of each request has the events of that request", () => {
  expect(spans().map((words) => words.join(" "))).toEqual([
    "session.fetch anonymous session.commit create",
    "session.fetch current session.commit write",
    "session.refuse malformed session.fetch anonymous session.commit create",
  ]);
});

it("the audit log has the refused cookie's reason, and no cookie, token or data", () => {
  expect(told).toContain(
    '{"event":"session.refuse","cookieName":"__Host-session","reason":"malformed"}',
  );
  expect(cookie).toMatch(/^__Host-session=[\w-]{64}$/);
  expect(told).not.toContain(cookie.slice(-42));
});
