import type { APIRoute } from "astro";

export const GET: APIRoute = ({ locals: { session } }) => {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      let text = session.get("user_id") ?? "nobody";
      try {
        session.put("blob", "late");
      } catch (failure) {
        text += ` ${(failure as { code?: string }).code}`;
      }
      controller.enqueue(encoder.encode(text));
      controller.close();
    },
  });
  return new Response(body);
};
