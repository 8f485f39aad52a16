/** Serves the application with what the runtime brings, and prints the port. */
import { app } from "./app.ts";

type Fetch = typeof app.fetch;
interface Globals {
  readonly Bun?: { serve(options: { port: number; fetch: Fetch }): { readonly port: number } };
  readonly Deno?: {
    serve(
      options: { port: number; onListen(address: { port: number }): void },
      fetch: Fetch,
    ): unknown;
  };
}
const { Bun, Deno } = globalThis as Globals;

// oxlint-disable-next-line no-console -- who started this reads it
const ready = (port: number): void => console.log(`listening on ${port}`);

if (Bun) ready(Bun.serve({ port: 0, fetch: app.fetch }).port);
else if (Deno) Deno.serve({ port: 0, onListen: ({ port }) => ready(port) }, app.fetch);
else void serveOnNode();

async function serveOnNode(): Promise<void> {
  const { serve } = await import("srvx/node");
  const server = serve({ port: 0, silent: true, fetch: app.fetch });
  await server.ready();
  ready(Number(new URL(server.url ?? "").port));
}
