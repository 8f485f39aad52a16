import type { APIRoute } from "astro";
import { reads } from "../../server/reads";

export const GET: APIRoute = () => new Response(String(reads()));
