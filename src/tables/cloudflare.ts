/** Sessions in Cloudflare's D1, and in Durable Objects. */
export { d1Table } from "./cloudflare/d1.ts";
export type { D1Client, D1Table, D1TableOptions } from "./cloudflare/d1.ts";
export { durableTable } from "./cloudflare/durable.ts";
export type { DurableNamespace } from "./cloudflare/durable.ts";
export { SessionRowObject } from "./cloudflare/session-row-object.ts";
export type { DurableState } from "./cloudflare/session-row-object.ts";
