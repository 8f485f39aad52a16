import { databases } from "./databases.mjs";
import { instructions } from "./instructions.mjs";
import { operations } from "./operations.mjs";
import { requests } from "./requests.mjs";
import { scale } from "./scale.mjs";

export const parts = [requests, instructions, operations, databases, scale];
