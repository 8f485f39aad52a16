/** What a session of the demo holds. */
export interface Visit {
  user_id: string;
  signed_in_at: Date;
  /** What the visitor calls the device. */
  device: string;
  count: number;
  cart: readonly string[];
  box: string;
  /** A flash message: left by one request, shown once by a later one. */
  message: { readonly place: Place; readonly text: string };
}

/** The parts of the page that a message can stand in. */
export type Place = "visitor" | "devices" | "cart" | "more";

/** The keys that may be forgotten one by one. */
export const KEYS = ["user_id", "signed_in_at", "device", "count", "cart", "box"] as const;

/** What the shop sells. */
export const GOODS = ["Tea", "Bread", "Figs"] as const;
