/** Every neighbour, in the order of the table. */
import { expressMiddleware } from "./express-middleware.ts";
import type { Neighbour } from "./neighbour.ts";

export const neighbours: readonly Neighbour[] = [...expressMiddleware];
