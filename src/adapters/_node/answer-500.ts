import type { NodeRequest, NodeResponse } from "./node-host.ts";

/** Answers an error if the host has no error path of its own. */
export function answer500(error: unknown, _req: NodeRequest, res: NodeResponse): void {
  // oxlint-disable-next-line no-console -- where Node's own servers would end the process with it
  console.error(error);
  if (res.writableEnded) return; // The client has got its answer already.
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = 500;
  res.setHeader("Content-Type", "text/plain");
  res.end("Internal Server Error");
}
