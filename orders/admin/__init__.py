"""Orders in the admin: to find, to read, and to carry on."""

from orders.admin.orders import OrderAdmin as OrderAdmin
