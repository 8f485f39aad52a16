import { defineHandler } from "nitro/h3";

export default defineHandler(({ context: { session } }) => {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
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
});
