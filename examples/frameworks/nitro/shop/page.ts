/** Text of visitors, made harmless for HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

export function html(body: string, status = 200): Response {
  const page = `<!doctype html><html lang="en"><title>A shop</title><body>${body}</body></html>`;
  return new Response(page, { status, headers: { "content-type": "text/html;charset=utf-8" } });
}
