// @fastify/secure-session outside of a request: what it opens and seals.
import { randomBytes } from "node:crypto";

/**
 * An application with the plugin, and a session of it.
 * @param {object} data
 */
export async function secureSession(data) {
  const { default: fastify } = await import("fastify");
  const { default: plugin } = await import("@fastify/secure-session");
  const app = fastify();
  app.register(plugin, { key: randomBytes(32) });
  await app.ready();
  // It keeps the time in seconds.
  const session = app.createSecureSession({ ...data, __ts: Math.floor(Date.now() / 1000) });
  return { app, session };
}
