import { databases } from "./databases.mjs";
import { operations } from "./operations.mjs";
import { requests } from "./requests.mjs";
import { scale } from "./scale.mjs";

export const parts = [requests, operations, databases, scale];
