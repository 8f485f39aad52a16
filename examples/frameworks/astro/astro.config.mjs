import node from "@astrojs/node";
import { defineConfig } from "astro/config";
import { sojourn } from "sojourn/astro";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  integrations: [sojourn({ sessions: "./src/server/sessions" })],
});
