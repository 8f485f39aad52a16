/** Says where the tests run, so that a suite that ran somewhere else is noticed. */
import { expect, it } from "vitest";

function runtime(): string {
  const { versions } = process;
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } };
  if (navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  if (versions["bun"]) return `Bun ${versions["bun"]}`;
  if (versions["deno"]) return `Deno ${versions["deno"]}`;
  return `Node.js ${versions.node}`;
}

// scripts/test-runtimes.mjs reads the title.
it(`runs in ${runtime()}`, () => {
  expect(runtime()).toMatch(/^(?:Node\.js|Bun|Deno|workerd)/);
});
