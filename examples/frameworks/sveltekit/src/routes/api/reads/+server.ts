import { reads } from "../../../server/reads";

export function GET() {
  return new Response(String(reads()));
}
