import { answer, onFastify } from "../../hosts/fastify.mjs";

export const bench = onFastify({ name: "bare", role: "bare", build: answer });
