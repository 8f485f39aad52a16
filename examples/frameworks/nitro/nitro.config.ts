import { defineConfig } from "nitro/config";

export default defineConfig({ serverDir: ".", compatibilityDate: "2026-01-01" });
