"""Place an order and follow it to its end: `SHOP_URL=... SHOP_API_KEY=sk_... python place_order.py MUG-BLUE`."""

import os
import sys
import time
from uuid import uuid4

import httpx

shop = httpx.Client(
    base_url=os.environ["SHOP_URL"],
    headers={"Authorization": f"Bearer {os.environ['SHOP_API_KEY']}"},
    transport=httpx.HTTPTransport(retries=3),  # a request that is sent again acts once, thanks to its Idempotency-Key
)
answer = shop.post(
    "/api/v1/orders",
    headers={"Idempotency-Key": str(uuid4())},
    json={
        "lines": [{"sku": sys.argv[1], "quantity": 1}],
        "currency": "EUR",
        "payment_method": "pm_card_visa",
        "shipping_address": {"name": "Ada", "line1": "1 Row", "city": "Bath", "postal_code": "BA1", "country": "GB"},
    },
)
order = answer.raise_for_status().json()
while order["status"] == "placed":
    time.sleep(0.1)
    order = shop.get(order["links"]["self"]).raise_for_status().json()
print(f"order {order['number']} is {order['status']}: {order['total'] / 100:.2f} {order['currency']}")
