using System.Net;
using Capstan.Testing;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboards;

/// <summary>The page of <c>capstan local</c> in a real browser; pictures of it are in <c>CAPSTAN_SCREENSHOTS</c>, else beside the tests.</summary>
public sealed class DashboardPageTests(DashboardScene scene) : IClassFixture<DashboardScene>, IAsyncLifetime
{
    private const int AllTemplates = 66;

    private static readonly string _pictures = Environment.GetEnvironmentVariable("CAPSTAN_SCREENSHOTS") is { Length: > 0 } directory ? directory : Path.Combine(AppContext.BaseDirectory, "screenshots");

    private readonly List<string> _complaints = [];
    private readonly List<string> _asked = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var chromium = RequiredProgram.Find("chromium");
        Assert.SkipWhen(chromium.Path is null, chromium.SkipReason ?? "");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium.Path, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    [Theory]
    [InlineData(ColorScheme.Dark)]
    [InlineData(ColorScheme.Light)]
    public async Task It_shows_what_there_is_in_dark_and_light_and_asks_nobody_else(ColorScheme scheme)
    {
        var page = await OpenAsync(1440, 1000, scheme);
        await SeesAsync(page, ".figures .total", AllTemplates.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("section[class*=card]", new() { HasText = "Failing templates" }).GetByRole(AriaRole.Link, new() { Name = "hostile" }).WaitForAsync();
        await page.Locator("td", new() { HasText = "replicated-sample" }).First.WaitForAsync();
        for (var round = 1; round <= 12; round++)
        {
            await page.WaitForFunctionAsync($"() => document.documentElement.dataset.rounds >= {round}", null, new() { Timeout = 60000 });
            await scene.DisturbAsync(round is 3 or 6 or 7 or 10 ? 3 : 0);
        }

        // What was deleted is there again, and has been told.
        await page.Locator("section[class*=card]", new() { HasText = "Drift log" }).GetByRole(AriaRole.Link).Nth(8).WaitForAsync(new() { Timeout = 60000 });
        Assert.InRange(await page.Locator("polyline.series").CountAsync(), 4, 40);
        await PictureAsync(page, $"overview-{scheme.ToString().ToLowerInvariant()}", fullPage: false);
        await PictureAsync(page, $"overview-{scheme.ToString().ToLowerInvariant()}-whole", fullPage: true);

        Assert.Equal(0, await page.Locator("main img, aside img").CountAsync());
        Assert.Null(await page.EvaluateAsync<object?>("() => window.hacked ?? null"));
        Assert.Equal("", await page.EvaluateAsync<string>("() => location.hash"));
        Assert.All(_asked, url => Assert.StartsWith(scene.Url.GetLeftPart(UriPartial.Authority), url, StringComparison.Ordinal));
        Assert.Empty(_complaints);

        // Light on dark, or the other way round: as the system has it, and then as somebody chooses.
        var ground = "() => getComputedStyle(document.body).backgroundColor";
        var before = await page.EvaluateAsync<string>(ground);
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch between dark and light" }).ClickAsync();
        Assert.NotEqual(before, await page.EvaluateAsync<string>(ground));
    }

    [Fact]
    public async Task A_keyboard_is_enough()
    {
        var page = await OpenAsync(1280, 900, ColorScheme.Dark);
        await SeesAsync(page, ".figures .total", AllTemplates.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("checkout gate");
        await page.Locator("#results [aria-selected=true]", new() { HasText = "gateway" }).WaitForAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#detail h2", new() { HasText = "gateway" }).WaitForAsync();
        Assert.Equal("Close", await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label')"));

        // The tree: Deployment, ReplicaSet, pods; the arrows open, close and walk it.
        var deployment = page.Locator("[role=treeitem][aria-level='1']", new() { HasText = "Deployment" });
        await page.Locator("[role=treeitem][aria-level='3']", new() { HasText = "Pod" }).First.WaitForAsync();
        await PictureAsync(page, "detail-dark", fullPage: false);
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("treeitem", await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('role')"));
        await page.Keyboard.PressAsync("ArrowLeft");
        Assert.Equal("false", await deployment.GetAttributeAsync("aria-expanded"));
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("3", await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-level')"));
        await page.Keyboard.PressAsync("Escape");
        await page.Locator("#detail").WaitForAsync(new() { State = WaitForSelectorState.Hidden });

        // Rows: the arrows go from one to the next, Enter opens, Escape goes back to the row.
        await page.EvaluateAsync("() => document.activeElement.blur()");
        await page.Keyboard.PressAsync("ArrowDown");
        var first = await page.EvaluateAsync<string>("() => document.activeElement.textContent");
        await page.Keyboard.PressAsync("ArrowDown");
        var second = await page.EvaluateAsync<string>("() => document.activeElement.textContent");
        Assert.NotEqual(first, second);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#detail h2", new() { HasText = second }).WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Locator("#detail").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.Equal(second, await page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task It_can_be_read_on_a_narrow_screen_and_a_phase_lists_its_templates()
    {
        var page = await OpenAsync(360, 740, ColorScheme.Light);
        await SeesAsync(page, ".figures .total", AllTemplates.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        await PictureAsync(page, "narrow-light", fullPage: false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Failed" }).ClickAsync();
        await page.Locator("#results [role=option]", new() { HasText = "homeless" }).ClickAsync();
        await page.Locator("#detail h2", new() { HasText = "homeless" }).WaitForAsync();
        Assert.Equal(360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        await PictureAsync(page, "narrow-detail-light", fullPage: false);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Without_its_token_or_under_another_name_it_tells_nothing()
    {
        using var http = new HttpClient();
        var data = new Uri(scene.Url.GetLeftPart(UriPartial.Authority) + "/dashboard/data/overview");
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(null, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync("wrong", null));
        var token = scene.Url.Fragment["#token=".Length..];
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(token, null));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await CodeAsync(token, "attacker.example"));

        var page = await OpenAsync(1280, 900, ColorScheme.Light, withToken: false);
        await page.GetByRole(AriaRole.Heading, new() { Name = "Show a token" }).WaitForAsync();
        await PictureAsync(page, "login-light", fullPage: false);
        await page.GetByLabel("Token").FillAsync(token);
        await page.Keyboard.PressAsync("Enter");
        await SeesAsync(page, ".figures .total", AllTemplates.ToString(System.Globalization.CultureInfo.InvariantCulture));

        async Task<HttpStatusCode> CodeAsync(string? bearer, string? host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, data);
            request.Headers.Authorization = bearer is null ? null : new("Bearer", bearer);
            request.Headers.Host = host;
            using var answer = await http.SendAsync(request, Stop);
            return answer.StatusCode;
        }
    }

    private async Task<IPage> OpenAsync(int width, int height, ColorScheme scheme, bool withToken = true)
    {
        var page = await _browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, DeviceScaleFactor = 1 });
        page.SetDefaultTimeout(30000);
        page.Request += (_, request) => _asked.Add(request.Url);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && withToken)
            {
                _complaints.Add(message.Text);
            }
        };
        await page.GotoAsync(withToken ? scene.Url.AbsoluteUri : scene.Url.GetLeftPart(UriPartial.Path));
        return page;
    }

    private static Task SeesAsync(IPage page, string selector, string text) => page.Locator(selector, new() { HasText = text }).First.WaitForAsync();

    private static Task PictureAsync(IPage page, string name, bool fullPage) => page.ScreenshotAsync(new() { Path = Path.Combine(_pictures, $"{name}.png"), FullPage = fullPage, Animations = ScreenshotAnimations.Disabled });
}
