from django.urls import re_path

from payments.api.views import bank

urlpatterns = [re_path(r"^(?P<charge>[\w.:-]{1,200})$", bank)]
