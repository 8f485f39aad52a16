import { andThen } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { Changes, newStamp } from "../commit/changes.ts";
import { commitSession, touchLate } from "../commit/commit.ts";
import type { Committed } from "../commit/commit.ts";
import { Configuration } from "../commit/configuration.ts";
import { keptId } from "../commit/kept-id.ts";
import { sentSettings } from "../cookie/attributes.ts";
import type { CommitResult, PageCaching } from "../cookie/response-headers.ts";
import { alreadyCommitted, hiddenByCache } from "../errors.ts";
import { publish } from "../events.ts";
import { NO_SESSION } from "../load/load.ts";
import type { Loaded } from "../load/load.ts";
import { Loading } from "../load/loading.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { newPublicId } from "../subject/public-id.ts";
import type { PublicNames } from "../subject/public-id.ts";
import type { SignIn } from "../subject/sign-in-clock.ts";
import { signInOf } from "../subject/signed-in-at.ts";
import type { Committer, Host } from "./host.ts";
import { LostAnswer } from "./lost-answer.ts";
import { guardOldHabits } from "./old-habits.ts";
import { RequestSession } from "./session.ts";

/**
 * The session of one request, for its host. The host fetches it before the handler runs, and commits it before the head
 * leaves. The handler holds {@link exposed}.
 */
export class HostSession implements Committer {
  readonly #options: ResolvedOptions;
  readonly #host: Host;
  readonly #loading: Loading;
  #loaded: Loaded = NO_SESSION;
  /** `undefined` until the handler looks at the session. */
  #changes: Changes | undefined;
  /** What the handler did before it asked for a drop. It counts again if the handler withdraws the drop. */
  #beforeDrop: Changes | undefined;
  #configuration: Configuration | undefined;
  /** When the handler put the subject that the session has now. */
  #signIn: SignIn | undefined;
  /** When the handler last put the subject, the same or another one. */
  #subjectPutAt: number | undefined;
  #hasRevoked = false;
  /** Whether the commit has not made a renewal, because no answer could carry its cookie. */
  #undelivered = false;
  #lookedLate = false;
  /** Whether the commit was made, or cannot be made: at the first look the head had left. */
  #closed = false;
  /** `undefined` until the handler writes. */
  #answer: LostAnswer | undefined;
  /** The names of the loaded session; after the commit, of the session that the commit has stored. */
  #names: PublicNames | undefined;
  #freshId: string | undefined;
  #session: RequestSession | undefined;
  #exposed: RequestSession | undefined;

  constructor(options: ResolvedOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#loading = new Loading(options, host);
  }

  get cookieName(): string {
    return this.#options.cookieName;
  }

  /** What its page tells caches. */
  get pages(): PageCaching {
    return this.#options.pages;
  }

  /** Whether it belongs to the sessions with these options. */
  isOf(options: ResolvedOptions): boolean {
    return this.#options === options;
  }

  /** The session that the helpers use. */
  get session(): RequestSession {
    return (this.#session ??= new RequestSession(this));
  }

  /** The session that the application gets. It refuses habits of other libraries, such as `req.session.user = x`. */
  get exposed(): RequestSession {
    return (this.#exposed ??= guardOldHabits(this.session));
  }

  /** Asks the store. It never fails. If the store fails, the first look throws the error. */
  fetch(): Awaitable<void> {
    return this.#loading.fetch();
  }

  /** Asks the store for a caller that gets the session itself. @throws ERR_SESSION_STORE if the store fails */
  fetchOrThrow(): Promise<void> {
    return this.#loading.fetchOrThrow();
  }

  commit(): Awaitable<CommitResult | undefined> {
    const changes = this.#changes;
    const done = this.#closed;
    this.#closed = true;
    if (done || !changes) return undefined;
    const { pages } = this.#options;
    if (this.#loading.outage) return { setCookie: undefined, pages };
    this.#answer?.commitBegins();
    return andThen(this.#commit(changes), (committed) => {
      this.#answer?.commitMade();
      this.#names = committed.session;
      this.#freshId = committed.session?.id ?? this.#freshId;
      this.#undelivered = committed.undelivered ?? false;
      return pages === "no-store" ? { ...committed, pages } : committed;
    });
  }

  /**
   * Whether the handler may show this session in a body whose head no commit has made private. That is so if the
   * handler has not looked yet, or if its first look came too late.
   */
  mayBeSeenLate(): boolean {
    return this.#changes ? this.#lookedLate : this.#loading.mayOpen();
  }

  /** Whether the handler looked first when no commit could be made any more. */
  get lookedLate(): boolean {
    return this.#lookedLate;
  }

  /** A host calls it at the handler's end, if the host can know that end. If no answer can leave, it commits. */
  handlerEnded(): void {
    this.#answer?.handlerEnded();
  }

  dropUnanswered(): void {
    if (!this.#configuration?.drop) return;
    void this.#commit(new Changes());
    this.#loaded = NO_SESSION; // What is put from here on belongs to a new session.
  }

  /** The session's public name; `undefined` before the first look. */
  get handle(): string | undefined {
    return this.#names?.handle;
  }

  /** The public id. After a renewal or a change of the subject it is the id that the commit will give. */
  id(): string {
    const changes = this.look();
    return keptId(this.#loaded, changes, this.#configuration) ?? this.#newId();
  }

  /** When the subject last signed in. After a log-in in this request it is the time that the commit will give. */
  signedInAt(): number | undefined {
    const { subject } = this.look();
    const { stored, subject: before } = this.#loaded;
    if (subject === undefined) return undefined;
    const isKept = stored && subject === before && !this.#configuration?.drop;
    if (!isKept) {
      const { since, ahead = 0 } = this.#signIn ?? {};
      return since && Math.floor(since - ahead);
    }
    const renews = this.#configuration?.renew && !this.#configuration.ignore;
    return (renews && this.#subjectPutAt) || signInOf(stored.record);
  }

  /**
   * Notes that this request has revoked the other sessions of its subject. If no answer can carry a renewal then, the
   * commit ends this session: a copy of its cookie would stay good otherwise.
   * @returns the handle of the session to spare; `undefined` if such a renewal has come to nothing already
   */
  spare(): string | undefined {
    this.look();
    this.#hasRevoked = true;
    return this.#undelivered ? undefined : this.handle;
  }

  /** Whether the store could be read; `true` before the first look. */
  get available(): boolean {
    return this.#loading.outage === undefined;
  }

  /** Gives what the request sees. The first call tells the host. @throws ERR_SESSION_NOT_FETCHED, ERR_SESSION_USE */
  look(): Changes {
    if (this.#host.hidesCookie?.(this.#options.cookieName)) throw hiddenByCache();
    return this.#changes ?? this.#firstLook();
  }

  put(key: string, value: unknown): void {
    const changes = this.#write();
    const before = changes.subject;
    changes.put(key, this.#options.schema.accept(key, value));
    this.#noteSignIn(key, before, changes.subject);
  }

  delete(key: string): void {
    this.#write().delete(key);
  }

  update(key: string, change: (value: unknown) => unknown): void {
    const changes = this.#write();
    const before = changes.subject;
    changes.update(key, this.#options.schema.acceptFrom(key, change));
    this.#noteSignIn(key, before, changes.subject);
  }

  takeFlash(key: string): unknown {
    return this.#options.schema.show(key, this.#write().take(key));
  }

  peekFlash(key: string): unknown {
    return this.#options.schema.show(key, this.look().message(key)?.[1]);
  }

  leaveFlash(key: string, value: unknown): void {
    this.#write().leave(key, newStamp(), this.#options.schema.accept(key, value));
  }

  configure(name: string, value: unknown): void {
    const changes = this.#write(name === "drop" && value === true);
    const { cookieName, cookie, lifespans } = this.#options;
    const record = this.#loaded.stored?.record;
    this.#configuration ??= new Configuration(
      cookieName,
      { ...cookie, ...record?.sentAttributes },
      lifespans,
      record && sentSettings(record),
    );
    const dropped = this.#configuration.drop;
    this.#configuration.set(name, value);
    if (this.#configuration.drop === dropped) return;
    if (dropped) {
      this.#changes = this.#beforeDrop ?? changes;
      changes.repeatOn(this.#changes);
      if (this.#loading.hasFailed) this.#changes = undefined; // The failure is for whoever looks.
    } else {
      // What is put from here on belongs to a new session.
      this.#beforeDrop = changes;
      this.#changes = new Changes(undefined, undefined, this.#options);
      if (this.#answer?.isLost) this.dropUnanswered();
    }
  }

  #commit(changes: Changes): Awaitable<Committed> {
    return commitSession({
      options: this.#options,
      loaded: this.#loaded,
      changes,
      configuration: this.#configuration,
      signIn: this.#signIn,
      subjectPutAt: this.#subjectPutAt,
      hasRevoked: this.#hasRevoked,
      freshId: () => this.#newId(),
      host: this.#answer ?? this.#host,
      share: this.#loading.share,
    });
  }

  /** Gives the same id during the whole request, also if the store applies its changes again. */
  #newId(): string {
    return (this.#freshId ??= newPublicId());
  }

  #firstLook(loaded: Loaded = this.#loading.open()): Changes {
    this.#loaded = loaded;
    this.#names = loaded.stored;
    const base = loaded.view ?? loaded.stored?.record;
    const subject = loaded.stored && loaded.subject;
    const changes = new Changes(base, subject, this.#options);
    this.#changes = changes;
    if (this.#closed || !this.#host.onFirstLook(this)) this.#lookLate(loaded);
    return changes;
  }

  /** Handles a first look after the head has left: no commit can be made, and the head cannot be made private. */
  #lookLate(loaded: Loaded): void {
    this.#closed = true;
    this.#lookedLate = true;
    if (this.#host.isActivity) touchLate(this.#options, loaded);
    if (!this.#host.hasSharedHead?.()) return;
    publish("late-look", this.#options.cookieName, this.handle, "shared-head");
  }

  /** Notes when the handler puts the subject. A log-in counts from that moment, not from the commit. */
  #noteSignIn(key: string, before: string | undefined, after: string | undefined): void {
    if (key !== this.#options.subject || after === undefined) return;
    this.#subjectPutAt = Math.floor(this.#options.now());
    if (after === before) return;
    this.#signIn = this.#options.signInClock.signIn(after);
  }

  /** @param isDrop whether the handler logs out. If no answer can leave, a log-out never comes too late. */
  #write(isDrop = false): Changes {
    const rest = isDrop ? this.#loading.openRest() : undefined;
    if (rest) this.#loaded = rest;
    const changes = rest && !this.#changes ? this.#firstLook(rest) : this.look();
    if (this.#closed && !(isDrop && this.#answer?.isLost)) throw alreadyCommitted();
    if (this.#loading.outage) throw this.#loading.outage;
    this.#answer ??= new LostAnswer(this, this.#host);
    return changes;
  }
}
