import { SessionError } from "./errors.ts";

/** A call that can never work. */
export function misuse(message: string): SessionError {
  return new SessionError("ERR_SESSION_USE", message);
}

/** @throws ERR_SESSION_USE for what cannot name a value of the session */
export function checkKey(key: unknown): string {
  if (typeof key === "string") return key;
  throw misuse(`a session key must be a string, got ${key === null ? "null" : typeof key}`);
}
