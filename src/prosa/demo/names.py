"""First and last names, and how people call themselves on WhatsApp."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    Ana Maria João José Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael Daniel
    Marcelo Bruno Eduardo Felipe Rodrigo Manoel Mateus André Fernando Fábio Leonardo Gustavo Guilherme
    Leandro Tiago Anderson Ricardo Márcio Jorge Sebastião Alexandre Roberto Edson Diego Vitor Sérgio
    Cláudio Matheus Thiago Geraldo Adriano Luciano Júlio Renato Alex Vinícius Rogério Samuel Ronaldo Mário
    Flávio Igor Douglas Davi Jéferson Caio Henrique Otávio Breno Heitor Francisca Antônia Adriana Juliana
    Márcia Fernanda Patrícia Aline Sandra Camila Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa
    Mariana Gabriela Vera Vitória Larissa Cláudia Beatriz Rita Luana Sônia Renata Eliane Josefa Simone
    Natália Cristiane Carla Débora Rosângela Jaqueline Rosa Daniela Aparecida Marlene Terezinha Raimunda
    Andréia Fabiana Lúcia Raquel Ângela Rafaela Joana Luzia Elaine Daniele Regina Andressa Isabela Sabrina
    Tatiane Viviane Lorena Yasmin Milena Kelly Thaís Priscila Michele Elisângela Rayane Ingrid Bianca
    Emanuelle Tainara Cauã Ítalo Wellington Washington Edilson
    """
)

LAST = _words(
    """
    Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho
    Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques
    Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo Pinto Cavalcante Correia Moura
    Melo Campos Batista Monteiro Castro Farias Barros Brito Cunha Macedo Azevedo Sales Guimarães Bezerra
    Medeiros Xavier Peixoto Fonseca Duarte Aguiar Pires Tavares Figueiredo Menezes Queiroz Assis Nogueira
    Viana Siqueira Bastos Leal Paiva Holanda Sampaio Maciel Chaves Rezende Coutinho Amaral Leite Braga
    Damasceno Seabra Yamamoto Nakamura Rossi Bianchi Schmidt Weber Haddad Salomão
    """
)

NICKNAMES = (
    "Mãe da Bia 💛", "~lu", "Jr.", "Deus no comando 🙏", "Tia Neide Salgados", "=Promo2026", "@joaovitor.fit",
    "+ Saúde", "Rô ✨", "Zé", "Gi", "Família Oliveira", "Bruninho Motos", "Dona Cida", "🌸🌸🌸", "-", "M.",
    "Studio Belle | Unhas", "Carlinhos Gás e Água", "Pastor Elias", "Vovó Nena", "Duda 🦋", "Nat Personal",
    "Casa da Ração (Wagner)", "Kaka",
)  # fmt: skip

AREA_CODES = {
    "gym": (11, 11, 11, 11, 11, 13, 12, 19, 21, 71),
    "clinic": (92, 92, 92, 92, 92, 97, 95, 11),
    "shop": (85, 85, 85, 88, 84, 83, 81, 86, 98, 11, 21, 31),
}

MAIL_HOSTS = (
    "gmail.com", "gmail.com", "gmail.com", "hotmail.com", "outlook.com", "yahoo.com.br", "uol.com.br",
    "icloud.com",
)  # fmt: skip
