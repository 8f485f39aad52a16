import type { HostDriver } from "./app.ts";
import { express4Host, express5Host } from "./drivers/express.ts";
import { fastifyHost, fastifyHttp2Host } from "./drivers/fastify.ts";
import { fetchHost, fetchHttp2Host } from "./drivers/fetch.ts";
import { h31Host, h3Host, h3Http2Host } from "./drivers/h3.ts";
import { honoHost, honoHttp2Host } from "./drivers/hono.ts";
import { koa2Host, koa3Host, koa3Http2Host } from "./drivers/koa.ts";
import { http2Host, nodeHost } from "./drivers/node.ts";

/** One host of the suite. */
export interface TestedHost {
  readonly driver: HostDriver;
  /** The folder in node_modules that says its version; Node's own where there is none. */
  readonly folder?: string;
}

/** A new host is one line here. */
export const hosts: readonly TestedHost[] = [
  { driver: nodeHost },
  { driver: http2Host },
  { driver: express5Host, folder: "express" },
  { driver: express4Host, folder: "express4" },
  { driver: fastifyHost, folder: "fastify" },
  { driver: fastifyHttp2Host, folder: "fastify" },
  { driver: koa3Host, folder: "koa" },
  { driver: koa3Http2Host, folder: "koa" },
  { driver: koa2Host, folder: "koa2" },
  { driver: honoHost, folder: "hono" },
  { driver: honoHttp2Host, folder: "hono" },
  { driver: h3Host, folder: "h3" },
  { driver: h3Http2Host, folder: "h3" },
  { driver: h31Host, folder: "h3-1" },
  { driver: fetchHost, folder: "srvx" },
  { driver: fetchHttp2Host, folder: "srvx" },
];
