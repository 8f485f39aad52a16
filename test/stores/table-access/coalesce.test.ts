import { describe, expect, it } from "vitest";
import { Coalescer } from "../../../src/stores/table-access/coalesce.ts";

describe("a task that its callers share", () => {
  it("the task begins at once, and all who ask while it runs share one that begins after it", async () => {
    const shared = new Coalescer<number>();
    const ends: (() => void)[] = [];
    const task = (): Promise<number> => {
      const run = ends.length;
      return new Promise((resolve) => ends.push(() => resolve(run)));
    };
    const first = shared.run("a", task);
    const others = [shared.run("a", task), shared.run("a", task)];
    const elsewhere = shared.run("b", task);
    expect(ends).toHaveLength(2);
    ends[0]?.();
    expect(await first).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toHaveLength(3);
    ends[1]?.();
    ends[2]?.();
    expect(await Promise.all(others)).toEqual([2, 2]);
    expect(await elsewhere).toBe(1);
  });

  it("a task that fails is the error of the callers who shared it, and of nobody after them", async () => {
    const shared = new Coalescer<string>();
    const failing = (): Promise<string> => Promise.reject(new Error("refused"));
    const asked = [shared.run("a", failing), shared.run("a", failing), shared.run("a", failing)];
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected");
    expect(await shared.run("a", async () => "fine")).toBe("fine");
  });
});
