/** An error of the SDK, as far as it tells what was sent and what the server has answered. */
interface ServiceError {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const TIMED_OUT = 408;

/**
 * Whether an error of the SDK says that DynamoDB has done nothing: it has refused the request, with a status of 4xx. If
 * the SDK has sent the request before, as it does after a throttled one, the first may have been carried out and its
 * answer be lost.
 */
export function isRefusal(error: unknown): boolean {
  const { httpStatusCode = 0, attempts } = (error as ServiceError | null)?.$metadata ?? {};
  const isRefused = httpStatusCode >= 400 && httpStatusCode < 500 && httpStatusCode !== TIMED_OUT;
  return isRefused && attempts === 1;
}
