"""The two files by which phones know the apps of a site."""

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.urls import path

ANDROID_PACKAGE = "com.example.app"
# From the Play Console: "App signing"; of a build of your own, from keytool -list -v.
ANDROID_FINGERPRINTS = [
    "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"
]
APPLE_APPS = ["A1B2C3D4E5.com.example.app"]  # Team ID and bundle ID


@login_not_required
def asset_links(request):
    statement = {
        "relation": [
            "delegate_permission/common.handle_all_urls",
            "delegate_permission/common.get_login_creds",
        ],
        "target": {
            "namespace": "android_app",
            "package_name": ANDROID_PACKAGE,
            "sha256_cert_fingerprints": ANDROID_FINGERPRINTS,
        },
    }
    return JsonResponse([statement], safe=False)


@login_not_required
def apple_app_site_association(request):
    return JsonResponse({"webcredentials": {"apps": APPLE_APPS}})


urlpatterns = [
    path(".well-known/assetlinks.json", asset_links),
    path(".well-known/apple-app-site-association", apple_app_site_association),
]
