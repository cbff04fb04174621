// Place an order and follow it to its end, with types generated from the OpenAPI document:
// npm ci && npm run generate && npm run check && SHOP_URL=... SHOP_API_KEY=sk_... npm start MUG-BLUE
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const { SHOP_URL: baseUrl, SHOP_API_KEY: key } = process.env;
const [sku] = process.argv.slice(2);
if (!baseUrl || !key || !sku) throw new Error("SHOP_URL, SHOP_API_KEY and a SKU are needed");

const shop = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

const { data: placed, error } = await shop.POST("/api/v1/orders", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    lines: [{ sku, quantity: 1 }],
    currency: "EUR",
    payment_method: "pm_card_visa",
    shipping_address: { name: "Ada", line1: "1 Row", city: "Bath", postal_code: "BA1", country: "GB" },
  },
});
if (!placed) throw new Error(`${error?.code}: ${error?.detail}`);

for (;;) {
  const { data: order } = await shop.GET("/api/v1/orders/{id}", { params: { path: { id: placed.id } } });
  if (order && order.status !== "placed") {
    console.log(`order ${order.number} is ${order.status}: ${(order.total / 100).toFixed(2)} ${order.currency}`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
