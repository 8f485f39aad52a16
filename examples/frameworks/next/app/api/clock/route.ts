import { advance } from "../../../lib/clock";

export async function POST(request: Request): Promise<Response> {
  advance(Number(new URL(request.url).searchParams.get("hours")));
  return new Response(null, { status: 204 });
}
