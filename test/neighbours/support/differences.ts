/** What is different between a run with us and the same run without us. */
import type { Reply } from "../neighbour.ts";
import { COOKIE } from "./run.ts";
import type { Seen } from "./run.ts";

const OURS = "private, no-cache";
const FRAMING = ["content-length", "transfer-encoding"];
const FETCHED_AHEAD = '"prefetchCache", "prerenderCache"';

export interface Differences {
  /** In words: each is a fault of ours. */
  readonly faults: readonly string[];
  /** Whether a Cache-Control of ours stands where the neighbour has one of its own without us. */
  readonly known: boolean;
}

export interface Allowed {
  readonly volatile?: readonly string[] | undefined;
  readonly headersOf?: "the platform" | undefined;
  readonly known?: string | undefined;
}

export function differences(
  plain: readonly Seen[],
  withUs: readonly Seen[],
  allowed: Allowed,
): Differences {
  const faults: string[] = [];
  let known = false;
  for (const [at, each] of withUs.entries()) {
    const other = plain[at];
    if (!other) throw new Error("the two runs have different requests");
    const tell = (what: string, found: unknown, wanted: unknown): void => {
      if (found === wanted) return;
      faults.push(
        `request ${at + 1}, ${what}: with us ${shown(found)}, without us ${shown(wanted)}`,
      );
    };
    tell("status", each.reply.status, other.reply.status);
    tell("reason", each.reply.reason, other.reply.reason);
    tell("error", each.reply.error, other.reply.error);
    tell("trailers", each.reply.trailers.join(), other.reply.trailers.join());
    tell("body", each.reply.body.toString("latin1"), other.reply.body.toString("latin1"));
    tell("notes", each.notes.join(" | "), other.notes.join(" | "));
    tell("events", each.events.join(" | "), other.events.join(" | "));
    tell("events of the request", each.request.join(" | "), other.request.join(" | "));
    const [found, wanted] = [headersOf(each.reply, allowed), headersOf(other.reply, allowed)];
    for (const name of new Set([...found.keys(), ...wanted.keys()])) {
      if (name !== "vary" && name !== "cache-control") {
        tell(`header ${name}`, found.get(name), wanted.get(name));
      }
    }
    if (!each.reply.error) {
      const caching = cacheFaults(each, other, allowed);
      faults.push(...caching.faults.map((fault) => `request ${at + 1}, ${fault}`));
      known ||= caching.known;
    }
  }
  if (known && allowed.known === undefined) {
    faults.push(`"${OURS}" stands where the neighbour has a Cache-Control of its own without us`);
  }
  return { faults, known };
}

/** By lower-case name: the lines as they came, without ours and without those that differ in each run. */
function headersOf({ headers }: Reply, { volatile = [], headersOf }: Allowed): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower === "date" || isOurCookie([name, value])) continue;
    if (lower === "clear-site-data" && value === FETCHED_AHEAD) continue; // Beside a cookie that logs in or out.
    if (headersOf === "the platform" && FRAMING.includes(lower)) continue;
    const text = volatile.includes(lower) ? "(differs)" : value;
    const before = lines.get(lower);
    lines.set(
      lower,
      `${before === undefined ? "" : `${before}\n`}${headersOf === "the platform" ? lower : name}: ${text}`,
    );
  }
  return lines;
}

function isOurCookie([name, value]: readonly [string, string]): boolean {
  return name.toLowerCase() === "set-cookie" && value.startsWith(`${COOKIE}=`);
}

/** L16, and nothing beyond it. */
function cacheFaults(each: Seen, other: Seen, { volatile = [] }: Allowed): Differences {
  const cookie = each.reply.headers.some(isOurCookie);
  const control = ({ reply }: Seen): string | undefined => {
    const value = valueOf(reply, "cache-control");
    return volatile.includes("cache-control") ? value?.replaceAll(/\d+/g, "n") : value;
  };
  const [found, wanted] = [control(each), control(other)];
  const [vary = [], varyWithout = []] = [each, other].map(({ reply }) => tokens(reply));
  const coversCookie = vary.some((name) => /^(?:\*|cookie)$/i.test(name));
  const faults: string[] = [];
  if (cookie && !each.looked)
    faults.push("our cookie leaves with an answer that nobody gave it to");
  const others = varyWithout.some((name) => /^cookie$/i.test(name))
    ? vary
    : vary.filter((name) => !/^cookie$/i.test(name));
  if (others.join() !== varyWithout.join()) {
    faults.push(`header vary: with us ${vary.join()}, without us ${varyWithout.join()}`);
  }
  const must = each.looked && other.looked;
  if (must && !coversCookie) faults.push(`header vary: ${vary.join()} does not name Cookie`);
  const known = !cookie && must && wanted !== undefined && found === OURS && wanted !== OURS;
  let right = known || found === wanted;
  if (cookie) right = /^no-store(?:, no-transform)?$/.test(found ?? "");
  else if (must && wanted === undefined) right = found === OURS;
  // Nobody has looked before the head: it stays, or it is ours.
  else if (!must && wanted === undefined) right ||= found === OURS && coversCookie;
  if (!right) faults.push(`header cache-control: with us ${found}, without us ${wanted}`);
  return { faults, known };
}

function valueOf({ headers }: Reply, wanted: string): string | undefined {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted);
  return values.length === 0 ? undefined : values.map(([, value]) => value).join(", ");
}

function tokens(reply: Reply): readonly string[] {
  return (valueOf(reply, "vary") ?? "").split(/[ \t]*,[ \t]*/).filter((name) => name !== "");
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length})` : text;
}
