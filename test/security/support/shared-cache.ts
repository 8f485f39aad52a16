import type { Answer, Browser } from "../../contracts/hosts/client.ts";

interface Kept {
  readonly answer: Answer;
  /** The request's fields that Vary names, as they were. */
  readonly by: readonly (readonly [name: string, value: string])[];
}

/**
 * A shared cache of RFC 9111, as bold as the standard allows: it keeps every answer to GET that is not forbidden to
 * it, with Set-Cookie and all, also without a lifetime, and asks nobody whether what it has is still good.
 */
export class SharedCache {
  /** Answers that came from here. */
  served = 0;
  readonly #kept = new Map<string, Kept[]>();

  /** A request of a browser that goes through this cache. */
  async get(browser: Browser, path: string): Promise<Answer> {
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const request = new Map([["cookie", cookie]]);
    const fieldOf = (name: string): string => request.get(name) ?? "";
    const found = this.#kept
      .get(path)
      ?.find(({ by }) => by.every(([name, value]) => fieldOf(name) === value));
    if (found) {
      this.served += 1;
      return found.answer;
    }
    const answer = await browser.get(path);
    const vary = listOf(answer.headers["vary"]);
    if (mayKeep(answer) && !vary.includes("*")) {
      const by = vary.map((name) => [name, fieldOf(name)] as const);
      this.#kept.set(path, [...(this.#kept.get(path) ?? []), { answer, by }]);
    }
    return answer;
  }

  /** How many answers of a path it has. */
  kept(path: string): number {
    return this.#kept.get(path)?.length ?? 0;
  }
}

function mayKeep({ status, headers }: Answer): boolean {
  const control = listOf(headers["cache-control"]);
  return status === 200 && !control.some((each) => /^(?:no-store|private|no-cache)/.test(each));
}

function listOf(field: string | undefined): readonly string[] {
  return (field ?? "")
    .split(",")
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== "");
}
