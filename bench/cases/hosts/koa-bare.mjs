import { answer, onKoa } from "../../hosts/koa.mjs";

export const bench = onKoa({ name: "bare", role: "bare", build: answer });
