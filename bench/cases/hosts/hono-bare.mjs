import { answer, onHono } from "../../hosts/hono.mjs";

export const bench = onHono({ name: "bare", role: "bare", build: answer });
