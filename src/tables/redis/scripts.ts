import { createHash } from "node:crypto";
import { configError } from "../../core/errors.ts";
import type { SessionRow } from "../../core/store.ts";

/**
 * How long after its deadline the server removes a row, in milliseconds. The core judges the deadline itself, by a
 * clock that need not agree with the server's.
 */
const LATE = 300_000;
export const FIELDS = '"value", "version", "expires"';
/**
 * How long a deleted key refuses an insert, in milliseconds. ioredis, iovalkey and node-redis behind Sentinel send again
 * by themselves, so that an insert may arrive twice, and the second time after the row was deleted.
 */
const MARK = 15 * 60_000;

/*
 * A row is a hash with the fields value, version and expires. Each method is one script on one key, so that it is atomic,
 * in a Cluster as well. A script gives the row, or a number.
 */
export const READ: Script = script(`
  return redis.call("HMGET", KEYS[1], ${FIELDS})`);
export const INSERT: Script = script(`
  if redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
  redis.call("HSET", KEYS[1], "value", ARGV[1], "version", ARGV[2], "expires", ARGV[3])
  redis.call("PEXPIRE", KEYS[1], ARGV[4])
  return 1`);
export const REPLACE: Script = script(`
  local version = redis.call("HGET", KEYS[1], "version")
  if not version then return 0 end
  if version ~= ARGV[5] then return redis.call("HMGET", KEYS[1], ${FIELDS}) end
  redis.call("HSET", KEYS[1], "value", ARGV[1], "version", ARGV[2], "expires", ARGV[3])
  redis.call("PEXPIRE", KEYS[1], ARGV[4])
  return 1`);
export const TOUCH: Script = script(`
  local row = redis.call("HMGET", KEYS[1], "version", "expires")
  if not row[1] then return 0 end
  if row[1] ~= ARGV[1] then return 2 end
  if tonumber(ARGV[2]) > tonumber(row[2]) then
    redis.call("HSET", KEYS[1], "expires", ARGV[2])
    redis.call("PEXPIRE", KEYS[1], ARGV[3])
  end
  return 1`);
export const DELETE: Script = script(`
  local version = redis.call("HGET", KEYS[1], "version")
  if not version then return 0 end
  if ARGV[1] ~= "" and version ~= ARGV[1] then
    return redis.call("HMGET", KEYS[1], ${FIELDS})
  end
  redis.call("DEL", KEYS[1])
  redis.call("HSET", KEYS[1], "deleted", "1")
  redis.call("PEXPIRE", KEYS[1], ${MARK})
  return 1`);

/** Gives the arguments of INSERT, and the first of REPLACE. */
export function rowArguments({ value, version, expiresAt }: SessionRow, now: number): string[] {
  return [value, String(version), String(expiresAt), timeToLive(expiresAt, now)];
}

/** Gives how long the server keeps a row, in milliseconds from now. */
export function timeToLive(expiresAt: number, now: number): string {
  return String(Math.max(0, Math.ceil(expiresAt - now)) + LATE);
}

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

export function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/** @throws ERR_SESSION_CONFIG if it is no text */
export function checkPrefix(prefix: unknown): asserts prefix is string {
  if (typeof prefix !== "string") throw configError(`prefix must be text, got ${typeof prefix}`);
}
