import type { RequestHandler } from "express";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses changes that another site's page asks for (CSRF). SameSite=Lax on the session cookie already keeps
 * it off such requests; this also covers neighbours, such as another port or subdomain, which are the same
 * *site*. Every browser sends one of the two headers with a POST, and no page can forge them; a client that
 * sends neither is no browser, and carries nobody's cookies but its own.
 */
export const refuseOtherOrigins: RequestHandler = (req, res, next) => {
  if (SAFE.has(req.method)) return next();
  const { "sec-fetch-site": site, origin, host } = req.headers;
  const allowed =
    site === undefined
      ? origin === undefined || hostOf(origin) === host
      : site === "same-origin" || site === "none";
  if (allowed) return next();
  res.status(403).type("text").send("This form was sent by another site.");
};

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
