import { randomBytes } from "node:crypto";
import { sameStored } from "../data/codec.ts";
import type { SessionData, SessionRecord } from "../store.ts";
import { EMPTY, copyIn, copyOut, define, own } from "../data/values.ts";
import { carried, endsData } from "../subject/carry.ts";

type Update = (value: unknown) => unknown;
type Flash = SessionRecord["flash"];
type Message = Flash[string];

/** The last operation on one key: a known result, or functions to run on the stored value. */
type Operation =
  | { readonly type: "put"; readonly value: unknown }
  | { readonly type: "delete" }
  | { readonly type: "update"; readonly updates: readonly Update[] };

const NOTHING = { data: EMPTY, flash: {} as Flash } as const;

/** The part of the options by which {@link Changes} knows the subject. */
interface SubjectReader {
  /** The data key that says so. */
  readonly subject: string | undefined;
  readonly subjectOf: (data: SessionData) => string | undefined;
  /** The data keys that stay when the subject changes. */
  readonly carry: readonly string[];
}

const NO_SUBJECT: SubjectReader = { subject: undefined, subjectOf: () => undefined, carry: [] };

/**
 * The changes of one request: the data as the request sees it, and the operations on each key. The operations can be
 * applied again to a row that another request has changed meanwhile.
 */
export class Changes {
  readonly #reader: SubjectReader;
  readonly #base: Pick<SessionRecord, "data" | "flash">;
  // Most requests only read, so that these objects are made at the first write.
  #operations: Map<string, Operation> | undefined;
  #left: Map<string, Message> | undefined;
  #taken: Map<string, Message> | undefined;
  #view: SessionData;
  readonly #loadedSubject: string | undefined;
  #subject: string | undefined;

  /**
   * @param base the data that the request sees before its changes
   * @param subject the subject of that data
   */
  constructor(
    base: Pick<SessionRecord, "data" | "flash"> = NOTHING,
    subject?: string,
    reader: SubjectReader = NO_SUBJECT,
  ) {
    this.#reader = reader;
    this.#base = base;
    this.#view = base.data;
    this.#loadedSubject = subject;
    this.#subject = subject;
  }

  /** Whether the subject that was loaded has gone, and takes its data with it. */
  get endsData(): boolean {
    return endsData(this.#loadedSubject, this.#subject);
  }

  /** The subject, as this request sees the session. */
  get subject(): string | undefined {
    return this.#subject;
  }

  /** The data as this request sees it. */
  get data(): SessionData {
    return this.#view;
  }

  /** Whether there is neither data nor a message. */
  get empty(): boolean {
    return !this.#left?.size && Object.keys(this.#view).length === 0;
  }

  /** Whether a commit would store something else than what was loaded. */
  get any(): boolean {
    if (this.#left?.size || this.#taken?.size) return true;
    if (!this.#operations) return false;
    for (const key of this.#operations.keys()) {
      if (!sameStored(own(this.#base.data, key), own(this.#view, key))) return true;
    }
    return false;
  }

  put(key: string, value: unknown): void {
    this.#record(key, { type: "put", value }, value);
  }

  delete(key: string): void {
    this.#record(key, { type: "delete" }, undefined);
  }

  update(key: string, update: Update): void {
    const value = run(key, update, own(this.#view, key));
    const before = this.#operations?.get(key);
    // The subject's own key is decided once: a commit stops where another request has changed the subject.
    if (key !== this.#reader.subject && (!before || before.type === "update")) {
      const updates = before ? [...before.updates, update] : [update];
      this.#record(key, { type: "update", updates }, value);
    } else if (value === undefined) {
      this.delete(key);
    } else {
      this.put(key, value); // After a put or delete the result does not depend on the stored value.
    }
  }

  /** Leaves a message for a later request. */
  leave(key: string, stamp: string, value: unknown): void {
    // The message replaces the one that is stored, which must not show after it.
    const stored = own(this.#base.flash, key) as Message | undefined;
    if (stored) (this.#taken ??= new Map()).set(key, stored);
    (this.#left ??= new Map()).set(key, [stamp, value]);
  }

  /** Gives a message: the one that this request has left, or else the stored one. */
  message(key: string): Message | undefined {
    const left = this.#left?.get(key);
    if (left || this.endsData || this.#taken?.has(key)) return left;
    return own(this.#base.flash, key) as Message | undefined;
  }

  /** Takes that message. */
  take(key: string): unknown {
    const message = this.message(key);
    if (!message) return undefined;
    if (!this.#left?.delete(key)) (this.#taken ??= new Map()).set(key, message);
    return message[1];
  }

  /** Applies the same operations to another base, and gives the data. It throws if an update throws. */
  applyTo(base: SessionData): SessionData {
    return base === this.#base.data ? this.#view : this.#apply(base, this.endsData, this.#view);
  }

  /** Applies them to other messages. By its stamp, a message that a parallel request has left meanwhile stays. */
  applyToFlash(base: Flash): Flash {
    if (!this.#left?.size && !this.#taken?.size && !this.endsData) return base;
    const object: Record<string, unknown> = this.endsData ? {} : { ...base };
    for (const [key, [stamp]] of this.#taken ?? []) {
      const there = own(object, key) as Message | undefined;
      if (there?.[0] === stamp) delete object[key];
    }
    for (const [key, message] of this.#left ?? []) define(object, key, message);
    return object as Flash;
  }

  /** Repeats the operations of this object on `other`. */
  repeatOn(other: Changes): void {
    for (const [key, operation] of this.#operations ?? []) {
      if (operation.type === "put") other.put(key, operation.value);
      else if (operation.type === "delete") other.delete(key);
      else for (const update of operation.updates) other.update(key, update);
    }
    for (const [key, [stamp, value]] of this.#left ?? []) other.leave(key, stamp, value);
  }

  #record(key: string, operation: Operation, value: unknown): void {
    const view = { ...this.#view };
    assign(view, key, value);
    if (key === this.#reader.subject) this.#changeSubject(view);
    else this.#view = view;
    (this.#operations ??= new Map()).set(key, operation);
  }

  /** An update from before the change runs again, on what the session then has. If it throws, nothing has changed. */
  #changeSubject(view: SessionData): void {
    const subject = this.#reader.subjectOf(view);
    const ends = endsData(this.#loadedSubject, subject);
    this.#view = ends === this.endsData ? view : this.#apply(this.#base.data, ends, view);
    this.#subject = subject;
  }

  /**
   * Applies the operations to data.
   * @param ends whether the subject of the data ends, so that only `carry` stays of it
   * @param view the data that the request sees: its subject is decided
   */
  #apply(base: SessionData, ends: boolean, view: SessionData): SessionData {
    const { subject, carry } = this.#reader;
    const object = ends ? carried(base, carry) : { ...base };
    for (const [key, operation] of this.#operations ?? []) {
      assign(object, key, result(key, operation, object));
    }
    // Data that was loaded with another subject, or none, is not written, so that the subject is that of the view.
    if (subject !== undefined && (ends || this.#operations?.has(subject))) {
      assign(object, subject, own(view, subject));
    }
    return object;
  }
}

/** Draws the stamp that tells a message from a later one under the same key. */
export function newStamp(): string {
  return randomBytes(6).toString("base64url");
}

function result(key: string, operation: Operation, object: SessionData): unknown {
  switch (operation.type) {
    case "put":
      return operation.value;
    case "delete":
      return undefined;
    case "update":
      return operation.updates.reduce<unknown>(
        (value, update) => run(key, update, value),
        own(object, key),
      );
  }
}

/** Runs an application's function once. It gets a frozen value, and the session keeps a copy of its result. */
function run(key: string, update: Update, value: unknown): unknown {
  const next = update(copyOut(value));
  return next === undefined ? undefined : copyIn(next, [key]);
}

function assign(object: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete object[key];
  else define(object, key, value);
}
