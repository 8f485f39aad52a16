import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Asks one address three times, with cookies, by HttpClient or by HttpURLConnection, and prints each answer. */
public class Visit {
  public static void main(String[] arguments) throws Exception {
    URI uri = URI.create(arguments[0]);
    CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    CookieHandler.setDefault(cookies);
    HttpClient client = HttpClient.newBuilder().cookieHandler(cookies).build();
    for (int visit = 0; visit < 3; visit++) {
      if (arguments[1].equals("HttpClient")) {
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      } else {
        System.out.println(new String(uri.toURL().openConnection().getInputStream().readAllBytes()));
      }
    }
  }
}
