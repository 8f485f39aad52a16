export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  modules: ["sojourn/nuxt"],
  sojourn: { sessions: "~~/server/shop/sessions", public: ["user_id", "cart"] },
  routeRules: { "/static": { prerender: true } },
});
