/** What `wrangler types` writes for a worker whose bindings are called as docs/stores/cloudflare.md calls them. */
declare module "cloudflare:workers" {
  import type { D1Database, DurableObjectNamespace } from "@cloudflare/workers-types/index.ts";
  export const env: {
    readonly DB: D1Database;
    readonly SESSIONS: DurableObjectNamespace;
  };
}
