//! Dispatcharr's proxy, through which its titles are played.

use vod2strm_core::policy::BaseUrl;

/// What a person should know of the address at which players are to find it, if it is hardly meant so.
pub fn advice(address: &BaseUrl, is_default: bool) -> Option<String> {
    let url = address.as_str();
    let default = if is_default { ", the default" } else { "" };
    if address.is_local() {
        return Some(format!(
            "{url}{default}: players on other machines cannot open it; set --base-url to \
             Dispatcharr's address in your network"
        ));
    }
    let is_example = address.is_placeholder();
    is_example
        .then(|| format!("{url} looks like an example: set --base-url to Dispatcharr's address"))
}
