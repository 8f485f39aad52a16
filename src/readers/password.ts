import { configError } from "../core/errors.ts";
import type { Password } from "./iron.ts";

/** @throws ERR_SESSION_CONFIG if it is missing */
export function readPassword(reader: string, password: unknown): Password {
  const given = typeof password === "object" && password !== null ? password : { 1: password };
  const all: readonly unknown[] = Object.values(given);
  if (all.length > 0 && all.every((each) => typeof each === "string" && each !== "")) {
    return password as Password;
  }
  throw configError(
    `${reader} needs password: that of the old sessions, or several by their ids (is the environment variable set?)`,
  );
}
