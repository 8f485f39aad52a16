/** How entries become programs on Express: with our middleware above the neighbour, and below it. */
import { createServer } from "node:http";
import express5 from "express";
import type { Express, Handler, RequestHandler } from "express";
import express4 from "express4";
import { session } from "../../../src/adapters/express.ts";
import type { Kit, Neighbour } from "../neighbour.ts";

export interface ExpressKit extends Kit {
  readonly express: typeof express5;
  /** A handler that looks at the session where the run does. */
  readonly look: (handler: RequestHandler) => RequestHandler;
}

export interface ExpressEntry extends Pick<
  Neighbour,
  "name" | "package" | "requests" | "volatile"
> {
  /** What stands below the neighbour, and the neighbour if it is middleware. */
  readonly build: (kit: ExpressKit) => ExpressParts | Promise<ExpressParts>;
  /** By place: see `Neighbour`. */
  readonly known?: Readonly<Partial<Record<Place, string>>>;
  /** Default: both. */
  readonly places?: readonly Place[];
  /** Default: both versions of Express. */
  readonly hosts?: readonly HostName[];
  /** The name of our property, where `req.session` is somebody else's. */
  readonly as?: string;
}

export interface ExpressParts {
  readonly use?: readonly Handler[];
  readonly routes: (app: Express) => void;
  readonly close?: () => unknown;
}

type Place = "below our middleware" | "around our middleware";
type HostName = keyof typeof versions;

/** L16: what is known of static files below an auth check. */
export const OWN_ONLY_WHERE_NONE =
  "It sets Cache-Control only where none stands, and ours stands from the first look: files below a middleware that " +
  "looks at the session leave with `private, no-cache`";

const versions = {
  "Express 5": express5,
  // The part that is used here is the same.
  "Express 4": express4 as unknown as typeof express5,
};

export function onExpress(entries: readonly ExpressEntry[]): Neighbour[] {
  const hosts = Object.entries(versions) as [HostName, typeof express5][];
  return hosts.flatMap(([host, express]) =>
    entries
      .filter(({ hosts: wanted }) => wanted?.includes(host) ?? true)
      .flatMap((entry) =>
        (entry.places ?? (["below our middleware", "around our middleware"] as const)).map(
          (place) => neighbourOf(entry, host, express, place),
        ),
      ),
  );
}

function neighbourOf(
  { name, known, as, build, ...rest }: ExpressEntry,
  host: HostName,
  express: typeof express5,
  place: Place,
): Neighbour {
  return {
    ...rest,
    host,
    name,
    place,
    known: known?.[place],
    async program(kit) {
      const look =
        (handler: RequestHandler): RequestHandler =>
        (req, res, next) => {
          const result = kit.handle(req, () => handler(req, res, next));
          if (result instanceof Promise) result.catch(next); // Express 4 does not do so itself.
        };
      const { use = [], routes, close } = await build({ ...kit, express, look });
      const ours: Handler[] = kit.sessions ? [session(kit.sessions, { as })] : [];
      const above: Handler = (req, _res, next) => {
        kit.above(req);
        next();
      };
      const app = express();
      app.set("env", "test"); // Express tells errors on the console otherwise.
      const middleware =
        place === "below our middleware" ? [...ours, above, ...use] : [...use, ...ours, above];
      for (const each of middleware) app.use(each);
      routes(app);
      app.use(((error: Error & { status?: number }, _req, res, next) => {
        kit.note(`error ${error.message}`);
        if (res.headersSent) next(error);
        else res.status(error.status ?? 500).send(`error: ${error.message}`);
      }) satisfies express5.ErrorRequestHandler);
      return { server: createServer(app), ...(close ? { close } : {}) };
    },
  };
}
