/** Middleware of Node's hosts, for hosts that run such middleware in front of their own. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Kit } from "../neighbour.ts";
import { load } from "./packages.ts";

export type NodeMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => unknown;

/** Makes each package's middleware with the options of its test. */
export const MADE = {
  async morgan({ note }: Pick<Kit, "note">): Promise<NodeMiddleware> {
    const morgan = await load<(format: string, options: object) => NodeMiddleware>("morgan");
    return morgan(":method :url :status :res[content-type]", {
      stream: { write: (line: string) => note(line.trim()) },
    });
  },
  async compression(): Promise<NodeMiddleware> {
    const compression = await load<(options: object) => NodeMiddleware>("compression");
    return compression({ threshold: 100 });
  },
  async helmet(): Promise<NodeMiddleware> {
    return (await load<() => NodeMiddleware>("helmet"))();
  },
  async cors(): Promise<NodeMiddleware> {
    return (await load<(options: object) => NodeMiddleware>("cors"))({ origin: true });
  },
};
