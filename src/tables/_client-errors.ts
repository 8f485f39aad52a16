import { warnOnce } from "../core/warn.ts";

/** The part of Node's EventEmitter that is called. Not every client is one. */
interface Emitter {
  on(event: "error", listener: (error: unknown) => void): unknown;
  listenerCount(event: "error"): number;
}

/**
 * Listens for the errors of a client that nobody listens to. Node ends the process for such an error, which may come from
 * an idle connection while no request waits for it. Once the application listens itself, it alone is told.
 * @param call how the client was given to its table
 */
export function hearErrors(client: unknown, call: string): void {
  if (!isEmitter(client) || client.listenerCount("error") > 0) return;
  client.on("error", (error) => {
    if (client.listenerCount("error") > 1) return;
    const found = error instanceof Error ? error.message : String(error);
    warnOnce(
      "SOJOURN_CLIENT_ERROR",
      `the client of ${call} has failed outside a request, and nobody listens for its errors: ${found}. ` +
        'Without Sojourn this would end the process. Listen: client.on("error", (error) => console.error(error))',
    );
  });
}

function isEmitter(client: unknown): client is Emitter {
  const { on, listenerCount } = client as Partial<Emitter>;
  return typeof on === "function" && typeof listenerCount === "function";
}
