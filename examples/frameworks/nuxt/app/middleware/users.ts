/** Only users come here. */
export default defineNuxtRouteMiddleware(() => {
  if (useSojourn().session.value.user_id === undefined) return navigateTo("/");
  return undefined;
});
