export default defineEventHandler(({ context: { session } }) => {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new Uint8Array(0)); // h3 sends the head with the first part.
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
