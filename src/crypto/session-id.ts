import { hash } from "node:crypto";

/** Bytes of a public id. */
const ID_BYTES = 16;

/** The public id of a session of format 1, which has none of its own until a request writes it. */
export function idOfHandle(handle: string): string {
  const digest = Buffer.from(hash("sha256", `session id\0${handle}`, "hex"), "hex");
  return digest.toString("base64url", 0, ID_BYTES);
}
