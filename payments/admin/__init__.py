"""Payments in the admin: to find and to read, and to give money back."""

from payments.admin.payments import PaymentAdmin as PaymentAdmin
